"""What was measured: profiles, what they hold, and the statistics of samples."""
