/**
 * Builds ONNX models of typed values: each operator is a method, which checks the element types and
 * the sizes that are known and gives a value whose type and shape are known in turn. How a model is
 * written as bytes stays in here.
 */
@NullMarked
package io.github.blip2j.onnx.graph;

import org.jspecify.annotations.NullMarked;
