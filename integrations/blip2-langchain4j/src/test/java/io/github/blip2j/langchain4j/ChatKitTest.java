package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** LangChain4j's own tests of chat models. What is switched off there must be refused by name. */
class ChatKitTest extends AbstractChatModelIT {
  private final KitModels<Blip2ChatModel> kit = new KitModels<>(Blip2ChatModel::builder);

  @AfterAll
  void close() {
    kit.close();
  }

  @Override
  protected List<ChatModel> models() {
    return List.of(kit.usual());
  }

  @Override
  protected ChatModel createModelWith(ChatRequestParameters parameters) {
    return kit.with(parameters);
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return KitModels.limitedTo(maxOutputTokens);
  }

  @Override
  protected boolean supportsModelNameParameter() {
    return false;
  }

  @Override
  protected boolean supportsTools() {
    return false;
  }

  @Override
  protected boolean supportsToolChoiceRequired() {
    return false;
  }

  @Override
  protected boolean supportsJsonResponseFormat() {
    return false;
  }

  @Override
  protected boolean supportsJsonResponseFormatWithSchema() {
    return false;
  }

  @Override
  protected boolean supportsJsonResponseFormatWithRawSchema() {
    return false;
  }

  @Override
  protected boolean supportsMultipleImageInputsAsBase64EncodedStrings() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false;
  }
}
