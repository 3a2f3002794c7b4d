"""Who decides that a load is taken back, and how others who may load ask for it."""
