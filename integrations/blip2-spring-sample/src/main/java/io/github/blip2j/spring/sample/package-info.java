/** A Spring Boot application that describes images. */
@NullMarked
package io.github.blip2j.spring.sample;

import org.jspecify.annotations.NullMarked;
