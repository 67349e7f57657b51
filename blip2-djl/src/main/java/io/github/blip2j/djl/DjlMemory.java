package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.session.EncoderMemory;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.List;

/** One list of tensors (P, S, H·d), keys and values of each decoder block in turn. */
final class DjlMemory extends EncoderMemory {
  private final IValue tensors;

  DjlMemory(IValue tensors, StepPlan read) {
    super(read);
    this.tensors = tensors;
  }

  private DjlMemory(IValue tensors, Joint<DjlMemory> prompts) {
    super(prompts);
    this.tensors = tensors;
  }

  /** Copies of some prompts of two memories. */
  static DjlMemory joined(ScriptModule module, Joint<DjlMemory> prompts) {
    IValue joined =
        module.runKeeping(
            DjlLanguage.STAGE,
            "join",
            List.of(prompts.own().tensors, prompts.other().tensors),
            IValue.from((long) prompts.span()),
            IValue.listFrom(Arrays.stream(prompts.kept()).asLongStream().toArray()),
            IValue.listFrom(Arrays.stream(prompts.added()).asLongStream().toArray()));
    return new DjlMemory(joined, prompts);
  }

  /** The list as a step's argument; stays this memory's. */
  IValue tensors() {
    return tensors;
  }

  /** Which positions are padding, (P,1,1,S). */
  IValue bias(PtNDManager scope) {
    return ScriptModule.floats(scope, bias(1), prompts(), 1, 1, span());
  }

  @Override
  protected void free() {
    tensors.close();
  }
}
