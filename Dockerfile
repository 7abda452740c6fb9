# One image for web, worker and beat; the command says which. Without a command it is the web server.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.11-slim-bookworm
# Two heaps for all threads: with one for each, a worker keeps twice the memory after a busy minute.
ENV MALLOC_ARENA_MAX=2
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8000 MEDIA_ROOT=/data/media
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin frontdesk \
    && install -d -o frontdesk -g frontdesk /data/media \
    # A tmpfs over a folder takes over its mode, and not its owner: only so can the product write there.
    && install -d -o frontdesk -g frontdesk -m 1777 /app/var
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN python -m compileall -q .
USER frontdesk
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["sh", "-c", "exec gunicorn config.wsgi -c config/gunicorn.py --no-control-socket --bind 0.0.0.0:$PORT"]
