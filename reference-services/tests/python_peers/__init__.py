"""Stand-ins for the four Python services, written from the wire contract alone."""
