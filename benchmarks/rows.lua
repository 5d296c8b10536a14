-- wrk script: POST the next line of the file $ROWS each time; report throughput, percentiles and every answer that is not 200.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local requests, n = {}, 0
function init(args)
  for line in io.lines(os.getenv("ROWS")) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, line)
  end
end
function request()
  n = n % #requests + 1
  return requests[n]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT rps=%.1f p50_ms=%.3f p99_ms=%.3f max_ms=%.1f non2xx=%d sockerr=%d n=%d\n",
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout, summary.requests))
end
