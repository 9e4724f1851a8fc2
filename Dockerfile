# The csvjobs daemon as an image. Targets: `runtime` (the last, so the default) and `dev` (compiles as it runs).
# The image holds no PostgreSQL and no Redis: --omit=optional leaves out the private servers' binaries (100 MB).

FROM node:24-slim AS manifests
WORKDIR /app
# Only what npm reads, so that a change to a source does not reinstall the packages.
COPY package.json package-lock.json ./
COPY packages/shared/package.json packages/shared/
COPY packages/daemon/package.json packages/daemon/
# The program that npm links: it must exist before anything is built.
COPY packages/daemon/bin packages/daemon/bin
COPY packages/cli/package.json packages/cli/
COPY e2e/package.json e2e/

FROM manifests AS deps
RUN npm ci --omit=optional --no-audit --no-fund

FROM deps AS build
COPY tsconfig.base.json ./
COPY packages/shared packages/shared
COPY packages/daemon packages/daemon
RUN node_modules/.bin/tsc -b packages/daemon
# Created here and copied with its owner: the runtime stage runs nothing as root.
RUN mkdir uploads

FROM manifests AS production-deps
# Only the daemon's: no compiler, no linter, no terminal interface.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund --workspace packages/shared --workspace packages/daemon

FROM deps AS dev
COPY tsconfig.base.json ./
COPY packages/shared packages/shared
COPY packages/daemon packages/daemon
COPY migrations migrations
COPY deploy/dev.sh deploy/healthcheck.mjs deploy/
COPY --from=build --chown=node:node /app/uploads uploads
# The compiler writes beside the sources.
RUN chown -R node:node packages
ENV API_HOST=0.0.0.0 UPLOAD_DIR=/app/uploads PATH=/app/node_modules/.bin:$PATH
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "deploy/healthcheck.mjs"]
ENTRYPOINT ["sh", "deploy/dev.sh"]
CMD ["--role", "all"]

FROM node:24-slim AS runtime
WORKDIR /app
ENV NODE_ENV=production API_HOST=0.0.0.0 UPLOAD_DIR=/app/uploads PATH=/app/node_modules/.bin:$PATH
COPY --from=production-deps /app/node_modules node_modules
COPY --from=build /app/packages/shared/package.json packages/shared/
COPY --from=build /app/packages/shared/dist packages/shared/dist
COPY --from=build /app/packages/daemon/package.json packages/daemon/
COPY --from=build /app/packages/daemon/bin packages/daemon/bin
COPY --from=build /app/packages/daemon/dist packages/daemon/dist
COPY migrations migrations
COPY deploy/healthcheck.mjs deploy/
COPY --from=build --chown=node:node /app/uploads uploads
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "deploy/healthcheck.mjs"]
ENTRYPOINT ["node", "packages/daemon/dist/main.js"]
CMD ["--role", "all"]
