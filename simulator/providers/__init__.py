"""The outside services, by the first part of their address on the simulator."""
