"""What a worker can be sent to do, one module a job."""
