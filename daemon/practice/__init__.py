"""The practice as a whole: advice, the look at the week, introductions, how it goes and how it would have gone."""
