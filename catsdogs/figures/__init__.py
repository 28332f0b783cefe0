"""What `analysis` found, drawn: Plotly figures of finished runs, ECharts options of live ones."""
