FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# With all optional packages, because the platform package of the compiler is one of them.
FROM packages AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json bundle.js ./
COPY src ./src
COPY pages ./pages
RUN npx tsc -p src --sourceMap false && node bundle.js && chmod +x dist/src/main.js

# The only optional packages of the service are the embedded PostgreSQL.
FROM packages AS production
# TypeBox comes with dist, as a bundle.
RUN npm ci --ignore-scripts --omit=dev --omit=optional && rm -r node_modules/typebox

# Node and the libraries that it needs, without npm and compilers.
FROM node:24-bookworm-slim AS runtime
RUN rm -rf /usr/local/include /usr/local/lib/node_modules /usr/local/share/doc /usr/local/share/man /opt/yarn* \
 && find -L /usr/local/bin -type l -delete \
 && ln -s /app/dist/src/main.js /usr/local/bin/pict-repo

FROM scratch
COPY --from=runtime / /
ARG VERSION=0.2.0
ARG REVISION=
LABEL org.opencontainers.image.title="pict-repo" \
      org.opencontainers.image.description="The metadata and job queue of an image host, on PostgreSQL, over REST" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# The service refuses to start on this address without keys.
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
# All files belong to root, and nothing is written. A number, so that an orchestrator can tell that it is not root.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
# It asks /livez, not /readyz: some orchestrators restart unhealthy containers, which would not repair a database.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["pict-repo", "healthcheck"]
ENTRYPOINT ["pict-repo"]
CMD ["serve"]
