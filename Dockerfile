FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# The compiler's platform package is optional too, so that here nothing is left out.
FROM packages AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json bundle.js ./
COPY src ./src
RUN npx tsc -p src --sourceMap false && node bundle.js

# The only optional packages of the service are the embedded PostgreSQL.
FROM packages AS production
RUN npm ci --ignore-scripts --omit=dev --omit=optional

# Node with the libraries it needs, and nothing that installs or compiles.
FROM node:24-bookworm-slim AS runtime
RUN rm -rf /usr/local/include /usr/local/lib/node_modules /usr/local/share/doc /usr/local/share/man /opt/yarn* \
 && find -L /usr/local/bin -type l -delete

FROM scratch
COPY --from=runtime / /
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="pict-repo" \
      org.opencontainers.image.description="The metadata and job queue of an image host, on PostgreSQL, over REST" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# Without keys it refuses to start on this address.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY migrations ./migrations
COPY pages ./pages
COPY package.json LICENSE ./
# All of it belongs to root and nothing is written. A number, so that an orchestrator sees that it is not root.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
# Not /readyz: some orchestrators restart what is unhealthy, and that would not bring a database back.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["node", "dist/src/commands/healthcheck.js"]
CMD ["node", "dist/src/main.js"]
