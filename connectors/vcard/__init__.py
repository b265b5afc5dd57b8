"""vCard: people and groups as address books write them down."""
