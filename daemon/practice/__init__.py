"""The practice as a whole: advice, the weekly digest, introductions, how it goes and how it would
have gone."""
