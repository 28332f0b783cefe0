"""The results of `analysis` as figures: Plotly for finished runs, ECharts for live ones."""
