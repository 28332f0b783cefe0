# docker compose up        see docs/deployment.md
FROM python:3.11-slim
WORKDIR /studio
COPY requirements.txt .
# What only some containers need, such as "ray[default]==2.60.0".
ARG ALSO=""
RUN pip install --no-cache-dir --requirement requirements.txt $ALSO
COPY pyproject.toml README.md app.py ./
COPY .streamlit .streamlit
COPY catsdogs catsdogs
COPY pages pages
RUN pip install --no-cache-dir --no-deps --editable . \
    && useradd --create-home studio \
    && install --directory --owner studio /home/studio/workspace
USER studio
ENV CATSDOGS_HOME=/home/studio/workspace
VOLUME /home/studio/workspace
EXPOSE 8501
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0"]
