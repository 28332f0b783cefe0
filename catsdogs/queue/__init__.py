"""What runs when, and where: submitting, dispatching, forecasting."""
