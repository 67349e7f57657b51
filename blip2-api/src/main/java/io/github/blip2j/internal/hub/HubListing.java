package io.github.blip2j.internal.hub;

import java.util.Map;

/**
 * What a revision of a model consists of.
 *
 * @param name the model
 * @param commit that the revision is now, 40 hexadecimal digits
 * @param licence as the model's page has it; empty if it says nothing
 * @param files all of them by name
 */
record HubListing(HubName name, String commit, String licence, Map<String, HubFile> files) {}
