"""What evidence means: the as-of cut, arrays, priors, emission, filter and answers, in numpy only."""
