package io.github.blip2j.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeTest {
  @Test
  void recipesHaveTheWordsOfTheCommandLine() {
    assertThat(List.of(Recipe.values()).stream().map(Recipe::label))
        .containsExactly("exact", "balanced", "small");
    for (Recipe recipe : Recipe.values()) {
      assertThat(Recipe.find(recipe.label())).contains(recipe);
    }
  }

  /** One option takes both: no word may mean a recipe and a precision. */
  @Test
  void noPrecisionIsTakenForARecipe() {
    for (Precision precision : Precision.values()) {
      assertThat(Recipe.find(precision.label())).isEmpty();
    }
    assertThat(Recipe.find("auto")).isEmpty();
    assertThat(Recipe.find("Small")).isEmpty();
    assertThat(Recipe.find("")).isEmpty();
  }

  @Test
  void oneNameStandsForAllStages() {
    assertThat(Precisions.parse("int8-weights").label())
        .isEqualTo("int8-weights,int8-weights,int8");
    assertThat(Precisions.parse("int8-weights,float32,int4"))
        .isEqualTo(new Precisions(Precision.INT8_WEIGHTS, Precision.FLOAT32, Precision.INT4));
  }
}
