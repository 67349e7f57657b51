package io.github.blip2j.server;

import java.time.Duration;
import java.time.Instant;

/**
 * A line of the access log. Neither queries nor bodies are in it.
 *
 * @param time when the request's headers had been read
 * @param client the IP address of whoever asked
 * @param method in capital letters
 * @param path as it was sent, without the query, at most 200 letters
 * @param status of the answer; 499 if the client left before there was one
 * @param bytes of the answer's body
 * @param duration until the answer had been sent
 */
public record AccessEntry(
    Instant time,
    String client,
    String method,
    String path,
    int status,
    long bytes,
    Duration duration) {}
