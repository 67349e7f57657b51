package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.RowStages;
import java.io.IOException;
import java.util.List;

/**
 * Decodes a VP8 key frame (RFC 6386) row by row of macroblocks, in three stages that may run in
 * three threads: what the bit stream says, prediction and residue, and then the loop filter and
 * colours. For one frame, used once.
 */
final class LossyDecoder {
  /** Rows of macroblocks that are between two stages in an image of more than so many. */
  private static final int SLOTS = 6;

  private static final int SMALL = 16;

  private final EncodedFrame frame;
  private final FrameTarget target;
  private final int columns;
  private final int rows;
  private final FrameHeader header;
  private final ModeParser modes;
  private final CoefficientParser coefficients;

  LossyDecoder(EncodedFrame frame, FrameTarget target) throws IOException {
    this.frame = frame;
    this.target = target;
    columns = (frame.width() + 15) / 16;
    rows = (frame.height() + 15) / 16;
    header = FrameHeader.read(frame.image());
    modes = new ModeParser(header, columns);
    coefficients = new CoefficientParser(header, columns);
  }

  /** Decodes the frame into its target. */
  void decode() throws IOException {
    WorkBlock work = new WorkBlock(columns);
    FrameOutput output = new FrameOutput(frame, header.filter(), target);
    try (RowStages<BlockRow> stages =
        new RowStages<BlockRow>(
            rows > SMALL ? SLOTS : 1,
            () -> new BlockRow(columns),
            List.of(work::reconstruct, output::add))) {
      for (int row = 0; row < rows; row++) {
        BlockRow next = stages.next();
        next.row = row;
        parse(next);
        stages.filled();
      }
      stages.finish();
    }
  }

  private void parse(BlockRow blocks) throws IOException {
    int row = blocks.row;
    BoolDecoder tokens = header.tokens()[row & header.tokens().length - 1];
    modes.startRow();
    coefficients.startRow();
    for (int column = 0; column < columns; column++) {
      Macroblock block = blocks.blocks[column];
      modes.parse(column, block);
      block.coded = coefficients.parse(tokens, column, block);
      if (tokens.damaged()) {
        throw new IOException("VP8: expected coefficients of row " + row + ", found damage");
      }
    }
    if (header.modes().damaged()) {
      throw new IOException("VP8: expected modes of row " + row + ", found damage");
    }
  }
}
