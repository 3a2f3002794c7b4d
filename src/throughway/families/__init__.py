"""What families may ask of those who keep records: to inspect, to amend, to be told; each request until it is answered."""
