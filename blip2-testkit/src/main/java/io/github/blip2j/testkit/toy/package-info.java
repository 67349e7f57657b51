/**
 * A family of language models in three small files: its settings, its network and its name. It
 * shows how little a new family takes, and proves by the contracts that no backend has to know it.
 */
@NullMarked
package io.github.blip2j.testkit.toy;

import org.jspecify.annotations.NullMarked;
