package io.github.blip2j.server.http;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How requests are carried.
 *
 * @param address where to listen; port 0 for any free one
 * @param threads most requests that are read, served or answered at once; more wait
 * @param maxBodyBytes longest body that is accepted
 * @param headers time for a request's line and headers
 * @param body time for its body
 * @param write time for a write of the answer, while the client takes nothing
 * @param last time for what is under way to end, once it was interrupted by a stop
 */
public record Transport(
    InetSocketAddress address,
    int threads,
    int maxBodyBytes,
    Duration headers,
    Duration body,
    Duration write,
    Duration last) {}
