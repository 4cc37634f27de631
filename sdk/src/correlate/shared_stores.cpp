#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/correlate/correlator.hpp"

namespace auditflow::correlate {
namespace {

class SharedStore final : public WindowStore {
 public:
  explicit SharedStore(std::shared_ptr<WindowStore> store) : store_(std::move(store)) {}

  Result<std::vector<Firing>> Apply(std::span<const WindowUpdate> updates) override {
    return store_->Apply(updates);
  }
  Result<std::vector<Firing>> Release(Timestamp now) override { return store_->Release(now); }
  void Settle() override { store_->Settle(); }
  [[nodiscard]] WindowStatistics Statistics() const override { return store_->Statistics(); }

 private:
  std::shared_ptr<WindowStore> store_;
};

/// Stores that are in use, by what they were made for.
class StoresInUse {
 public:
  explicit StoresInUse(Correlator::StoreFactory make) : make_(std::move(make)) {}

  std::shared_ptr<WindowStore> For(std::vector<WindowSpec> specs) {
    std::vector<std::string> keys;
    keys.reserve(specs.size());
    for (const WindowSpec& spec : specs) {
      keys.push_back(std::to_string(spec.level) + ' ' + spec.key);
    }
    const std::lock_guard lock(mutex_);
    std::weak_ptr<WindowStore>& known = stores_[std::move(keys)];
    std::shared_ptr<WindowStore> store = known.lock();
    if (store == nullptr) {
      store = make_(std::move(specs));
      known = store;
    }
    return store;
  }

 private:
  Correlator::StoreFactory make_;
  std::mutex mutex_;
  std::map<std::vector<std::string>, std::weak_ptr<WindowStore>> stores_;
};

}  // namespace

Correlator::StoreFactory ShareStores(Correlator::StoreFactory make) {
  auto stores = std::make_shared<StoresInUse>(std::move(make));
  return [stores = std::move(stores)](std::vector<WindowSpec> specs) {
    return std::make_unique<SharedStore>(stores->For(std::move(specs)));
  };
}

}  // namespace auditflow::correlate
