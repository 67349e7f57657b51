# The program with ONNX Runtime on a glibc base; Alpine's musl runs neither engine.
#   docker build -t blip2 . && docker run --rm -v "$PWD:/data" -v blip2-cache:/cache blip2 caption photo.jpg
# A root that is read-only needs --tmpfs /tmp: native libraries come to /cache by way of it.
FROM docker.io/library/maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN tools/bundle.sh /opt/blip2 onnx

FROM docker.io/library/debian:12-slim
# The runtime's fonts are never used: images are read, not drawn.
RUN useradd --create-home blip2 && mkdir /cache && chown blip2 /cache
COPY --from=build /opt/blip2 /opt/blip2
ENV BLIP2_CACHE=/cache HF_HOME=/cache/huggingface LC_ALL=C.UTF-8
USER blip2
WORKDIR /data
ENTRYPOINT ["/opt/blip2/blip2"]
