/**
 * What a family of models is: settings that are read from {@code config.json}, and a program of
 * {@linkplain io.github.blip2j.stage.Stage stages} over the weights. A new family is one package
 * with its settings, its network and its name. <b>Experimental</b>: for authors of backends and
 * model families; may change in any version.
 */
@NullMarked
package io.github.blip2j.family;

import org.jspecify.annotations.NullMarked;
