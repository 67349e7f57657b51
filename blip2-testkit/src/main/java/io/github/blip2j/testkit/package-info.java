/**
 * What the tests of several modules share: fixtures, tolerances, the plain-array oracle, contracts.
 */
@NullMarked
package io.github.blip2j.testkit;

import org.jspecify.annotations.NullMarked;
