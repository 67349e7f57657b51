package io.github.blip2j.mcp;

import java.util.Map;

/**
 * What a tool says.
 *
 * @param text for the assistant
 * @param fields the same for programs, as the tool's output schema says
 */
record Result(String text, Map<String, Object> fields) {}
