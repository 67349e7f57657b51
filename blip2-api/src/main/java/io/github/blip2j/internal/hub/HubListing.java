package io.github.blip2j.internal.hub;

import java.util.Map;

/**
 * What a revision of a model consists of.
 *
 * @param name the model
 * @param commit that the revision is now, 40 hexadecimal digits
 * @param licence as the model's page has it; empty if it says nothing
 * @param modelType as the Hub has read it in {@code config.json}; empty if it does not say
 * @param files all of them by name
 */
record HubListing(
    HubName name, String commit, String licence, String modelType, Map<String, HubFile> files) {}
