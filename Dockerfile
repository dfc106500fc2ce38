# The image of web, worker and beat: they differ in their command alone.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.txt
WORKDIR /srv/ars
COPY . .
RUN python -m agent.build agent/ars-agent.pyz
# Static files get their hashed names here. These values satisfy the settings' checks and stay in this stage.
RUN DEBUG=0 SECRET_KEY=build ALLOWED_HOSTS=build SITE_URL=https://build DATABASE_URL=postgresql://build/build \
    STRIPE_SECRET_KEY=build STRIPE_PUBLISHABLE_KEY=build STRIPE_WEBHOOK_SECRET=build \
    /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=0
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin ars
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/ars /srv/ars
WORKDIR /srv/ars
USER ars
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "ars.wsgi:application"]
