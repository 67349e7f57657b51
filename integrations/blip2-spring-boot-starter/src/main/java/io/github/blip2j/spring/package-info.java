/**
 * BLIP-2 in Spring Boot: a configured {@link io.github.blip2j.Blip2} bean with its health and its
 * metrics.
 */
@NullMarked
package io.github.blip2j.spring;

import org.jspecify.annotations.NullMarked;
