package io.github.blip2j.onnx.graph;

/**
 * Where a tensor lies that stays in its file.
 *
 * @param location path of the file relative to the folder that the runtime is given, with forward
 *     slashes
 * @param offset first byte
 * @param bytes length
 */
public record FilePart(String location, long offset, long bytes) {}
