package io.github.blip2j.bench.fuzz;

import java.io.IOException;
import java.nio.file.Path;

/** What can be damaged: a target's name on the command line, its share, and how it is opened. */
enum TargetName {
  IMAGES(6000, (corpus, backend) -> new ImageTarget(corpus)),
  CONFIGURATIONS(150, CheckpointTarget::configurations),
  TOKENIZERS(150, CheckpointTarget::tokenizers),
  WEIGHTS(100, CheckpointTarget::weights),
  TORCH(150, CheckpointTarget::torch),
  ADAPTERS(100, CheckpointTarget::adapters),
  ENCODED(300, SavedTarget::encodedImages),
  MATCHED(300, SavedTarget::matchedImages),
  CHATS(150, SavedTarget::chats),
  PREPARED(40, (corpus, backend) -> new PreparedTarget(corpus)),
  INDEX(60, IndexTarget::new);

  private final int shortCases;
  private final Opening opening;

  TargetName(int shortCases, Opening opening) {
    this.shortCases = shortCases;
    this.opening = opening;
  }

  private interface Opening {
    FuzzTarget open(Path corpus, String backend) throws IOException;
  }

  /** Cases of the short campaign, some seconds' worth. */
  int shortCases() {
    return shortCases;
  }

  FuzzTarget open(Path corpus, String backend) throws IOException {
    return opening.open(corpus, backend);
  }
}
