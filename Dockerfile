# plakar in an image that holds nothing else: its own loader and libraries, no shell, no package manager, not root.
#
#   docker build -t plakar .
#   docker run --rm -v "$PWD:/data:ro" -v plakar-store:/store -e PLAKAR_PASSPHRASE plakar at /store backup /data
FROM debian:12-slim AS build
# a Debian release keeps few versions of a package for long: pinned ones would be gone with the next security update
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils ca-certificates git nodejs npm patchelf python3 python3-pip zstd \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /plakar
COPY . .
RUN npm ci && npm run package -- --only archive
RUN mkdir -p /image/usr/lib /image/store /image/tmp \
 && tar -xzf dist/packages/plakar_*_linux_*.tar.gz -C /image/usr/lib --strip-components=1 --one-top-level=plakar \
 && chown 65532:65532 /image/store \
 && chmod 1777 /image/tmp \
 && mkdir -p /image/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && printf 'plakar:x:65532:65532::/store:/nonexistent\n' > /image/etc/passwd \
 && printf 'plakar:x:65532:\n' > /image/etc/group \
 && ln -s "$(basename /image/usr/lib/plakar/lib/ld-*)" /image/usr/lib/plakar/lib/loader

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENV HOME=/store PLAKAR_REPOSITORY=/store
VOLUME /store
ENTRYPOINT ["/usr/lib/plakar/lib/loader", "--library-path", "/usr/lib/plakar/lib", "--argv0", "plakar", "/usr/lib/plakar/lib/plakar.bin"]
CMD ["help"]
