-- For wrk: the paths of a file in turn, each with a number of its own, and the outcome as one line of JSON.
local paths, number = {}, 0

function init(arguments)
  for path in io.lines(arguments[1]) do paths[#paths + 1] = path end
  number = tonumber(arguments[2])
end

function request()
  local path = string.gsub(paths[number % #paths + 1], "NONCE", string.format("%d", number))
  number = number + 1
  return wrk.format("GET", path)
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '\n{"answers": %d, "failures": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests - errors.status, failures, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
