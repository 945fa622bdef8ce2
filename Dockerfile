# Builds memgpt from this folder and serves it: docker build -t memgpt . && docker compose up
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
WORKDIR /app
COPY --from=build /app /app
ENV MEMGPT_DIR=/data
RUN mkdir /data && chown node /data
USER node
VOLUME /data
EXPOSE 8283
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:8283/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["server", "--host", "0.0.0.0"]
