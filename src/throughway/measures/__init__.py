"""What is counted and how: the milestones of the pipeline, each a measure, the thresholds that they share, and the rules of need."""
