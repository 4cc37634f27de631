#include "src/rabbitmq/frame_reader.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/rabbitmq/amqp_table.hpp"

namespace auditflow::rabbitmq {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::uint64_t kLargestBody = std::uint64_t{512} << 20U;

amqp_frame_t MethodFrame(amqp_method_number_t id, void* decoded, amqp_channel_t channel = 1) {
  amqp_frame_t frame{};
  frame.frame_type = AMQP_FRAME_METHOD;
  frame.channel = channel;
  frame.payload.method = {id, decoded};
  return frame;
}

amqp_frame_t HeaderFrame(std::uint64_t body_size, amqp_basic_properties_t& properties) {
  amqp_frame_t frame{};
  frame.frame_type = AMQP_FRAME_HEADER;
  frame.channel = 1;
  frame.payload.properties.class_id = AMQP_BASIC_CLASS;
  frame.payload.properties.body_size = body_size;
  frame.payload.properties.decoded = &properties;
  return frame;
}

amqp_frame_t BodyFrame(const std::string& bytes) {
  amqp_frame_t frame{};
  frame.frame_type = AMQP_FRAME_BODY;
  frame.channel = 1;
  frame.payload.body_fragment = BytesOf(bytes);
  return frame;
}

/// The frames of a delivery.
struct Frames {
  amqp_basic_deliver_t deliver{};
  amqp_basic_return_t returned{};
  amqp_basic_properties_t properties{};

  std::optional<AmqpEvent> Deliver(FrameReader& reader, std::uint64_t tag) {
    deliver.delivery_tag = tag;
    return reader.Read(MethodFrame(AMQP_BASIC_DELIVER_METHOD, &deliver));
  }
  std::optional<AmqpEvent> Header(FrameReader& reader, std::uint64_t size) {
    return reader.Read(HeaderFrame(size, properties));
  }
};

template <class Event>
Event Get(const std::optional<AmqpEvent>& event) {
  if (event && std::holds_alternative<Event>(*event)) return std::get<Event>(*event);
  ADD_FAILURE() << "another event, or none";
  return {};
}

TEST(FrameReader, PutsADeliveryTogether) {
  FrameReader reader;
  Frames frames;
  std::vector<amqp_table_entry_t> headers = {
      StringEntry("text", "a"), BooleanEntry("yes", true), NumberEntry("number", -7),
      NumberEntry("x-delivery-count", 4), TableEntry("table", headers)};
  frames.properties._flags =
      AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
  frames.properties.content_type = BytesOf("text/plain");
  frames.properties.message_id = BytesOf("id");
  frames.properties.headers = TableOf(headers);
  frames.deliver.redelivered = 1;
  EXPECT_FALSE(frames.Deliver(reader, 9));
  EXPECT_FALSE(reader.idle());
  EXPECT_FALSE(frames.Header(reader, 5));
  EXPECT_FALSE(reader.Read(BodyFrame("ab")));
  const auto delivered = Get<Delivered>(reader.Read(BodyFrame("cde")));
  EXPECT_TRUE(reader.idle());
  EXPECT_EQ(delivered.broker_tag, 9U);
  EXPECT_TRUE(delivered.redelivered);
  EXPECT_EQ(delivered.delivered_before, 4U);
  EXPECT_EQ(delivered.message.body, "abcde");
  EXPECT_EQ(delivered.message.message_id, "id");
  EXPECT_EQ(delivered.message.content_type, "text/plain");
  EXPECT_THAT(delivered.message.headers,
              ElementsAre(Pair("text", "a"), Pair("yes", "true"), Pair("number", "-7")));
}

TEST(FrameReader, AMessageWithoutPropertiesOrBodyIsWhole) {
  FrameReader reader;
  Frames frames;
  frames.Deliver(reader, 1);
  const auto delivered = Get<Delivered>(frames.Header(reader, 0));
  EXPECT_EQ(delivered.message.content_type, "") << "not our default: it had none";
  EXPECT_EQ(delivered.message.message_id, "");
  EXPECT_EQ(delivered.delivered_before, std::nullopt);
}

TEST(FrameReader, AMessageLargerThanAnyThatTheBrokerTakesIsRefusedByItsHeader) {
  FrameReader reader;
  Frames frames;
  frames.Deliver(reader, 1);
  EXPECT_FALSE(frames.Header(reader, kLargestBody));
  FrameReader another;
  frames.Deliver(another, 1);
  const Status why = Get<Closed>(frames.Header(another, kLargestBody + 1)).why;
  EXPECT_EQ(why.code(), StatusCode::kUnavailable);
  EXPECT_THAT(why.message(), testing::HasSubstr("536870913 bytes"));
  EXPECT_TRUE(another.idle());
}

TEST(FrameReader, AReturnIsKnownByItsMessageId) {
  FrameReader reader;
  Frames frames;
  frames.returned.reply_code = 312;
  frames.returned.reply_text = BytesOf("NO_ROUTE");
  frames.properties._flags = AMQP_BASIC_MESSAGE_ID_FLAG;
  frames.properties.message_id = BytesOf("lost");
  EXPECT_FALSE(reader.Read(MethodFrame(AMQP_BASIC_RETURN_METHOD, &frames.returned)));
  EXPECT_FALSE(frames.Header(reader, 3));
  const auto returned = Get<Returned>(reader.Read(BodyFrame("abc")));
  EXPECT_EQ(returned.message_id, "lost");
  EXPECT_EQ(returned.reason, "NO_ROUTE (312)");
}

TEST(FrameReader, ReadsConfirms) {
  FrameReader reader;
  amqp_basic_ack_t ack{7, 1};
  const auto positive = Get<Confirmed>(reader.Read(MethodFrame(AMQP_BASIC_ACK_METHOD, &ack)));
  EXPECT_EQ(positive.tag, 7U);
  EXPECT_TRUE(positive.multiple);
  EXPECT_TRUE(positive.positive);
  amqp_basic_nack_t nack{8, 0, 0};
  const auto negative = Get<Confirmed>(reader.Read(MethodFrame(AMQP_BASIC_NACK_METHOD, &nack)));
  EXPECT_EQ(negative.tag, 8U);
  EXPECT_FALSE(negative.multiple);
  EXPECT_FALSE(negative.positive);
}

TEST(FrameReader, ReadsWhatConcernsTheConnection) {
  FrameReader reader;
  amqp_connection_blocked_t blocked{BytesOf("low on memory")};
  EXPECT_EQ(
      Get<Blocked>(reader.Read(MethodFrame(AMQP_CONNECTION_BLOCKED_METHOD, &blocked, 0))).reason,
      "low on memory");
  Get<Unblocked>(reader.Read(MethodFrame(AMQP_CONNECTION_UNBLOCKED_METHOD, nullptr, 0)));
  amqp_basic_cancel_t cancel{};
  Get<ConsumerCancelled>(reader.Read(MethodFrame(AMQP_BASIC_CANCEL_METHOD, &cancel)));
  amqp_channel_close_t channel_close{404, BytesOf("NOT_FOUND"), 0, 0};
  const Status why =
      Get<Closed>(reader.Read(MethodFrame(AMQP_CHANNEL_CLOSE_METHOD, &channel_close))).why;
  EXPECT_EQ(why.code(), StatusCode::kNotFound);
  amqp_connection_close_t close{320, BytesOf("CONNECTION_FORCED"), 0, 0};
  EXPECT_TRUE(Get<Closed>(reader.Read(MethodFrame(AMQP_CONNECTION_CLOSE_METHOD, &close, 0)))
                  .why.retryable());
}

TEST(FrameReader, OtherMethodsAndHeartbeatsAreNoEvents) {
  FrameReader reader;
  EXPECT_FALSE(reader.Read(MethodFrame(AMQP_BASIC_QOS_OK_METHOD, nullptr)));
  amqp_frame_t heartbeat{};
  heartbeat.frame_type = AMQP_FRAME_HEARTBEAT;
  EXPECT_FALSE(reader.Read(heartbeat));
}

TEST(FrameReader, FramesOutOfPlaceEndTheConnection) {
  using Step = std::optional<AmqpEvent> (*)(FrameReader&, Frames&);
  const Step body = [](FrameReader& r, Frames&) { return r.Read(BodyFrame("abc")); };
  const Step header = [](FrameReader& r, Frames& f) { return f.Header(r, 2); };
  const Step deliver = [](FrameReader& r, Frames& f) { return f.Deliver(r, 1); };
  const Step channel = [](FrameReader& r, Frames&) {
    return r.Read(MethodFrame(AMQP_BASIC_QOS_OK_METHOD, nullptr, 2));
  };
  const std::vector<std::vector<Step>> cases = {
      {body},
      {header},
      {channel},
      {deliver, deliver},
      {deliver, body},
      {deliver, header, header},
      {deliver, header, body},  // three bytes where two were promised
  };
  for (const std::vector<Step>& steps : cases) {
    FrameReader reader;
    Frames frames;
    std::optional<AmqpEvent> event;
    for (const Step step : steps) event = step(reader, frames);
    EXPECT_TRUE(Get<Closed>(event).why.retryable()) << &steps - cases.data();
  }
}

TEST(FrameReader, APromisedSizeIsNotBelieved) {
  FrameReader reader;
  Frames frames;
  frames.Deliver(reader, 1);
  EXPECT_FALSE(frames.Header(reader, kLargestBody));
  EXPECT_FALSE(reader.Read(BodyFrame("abc")));
}

}  // namespace
}  // namespace auditflow::rabbitmq
