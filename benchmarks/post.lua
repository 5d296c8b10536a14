-- wrk script: POST the next body each time; report throughput, percentiles and every answer that is not 200.
-- The bodies are the lines of the file $ROWS, or $BODY alone, or else 10 000 rows of medico, always the same ones.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local requests, n = {}, 0
local function add(body)
  requests[#requests + 1] = wrk.format(nil, nil, nil, body)
end
function init(args)
  if os.getenv("ROWS") then
    for line in io.lines(os.getenv("ROWS")) do add(line) end
  elseif os.getenv("BODY") then
    add(os.getenv("BODY"))
  else
    math.randomseed(7)
    for i = 1, 10000 do
      add(string.format('{"edad": %.1f, "fiebre": %.1f, "dolor": %.1f}',
        math.random() * 95, 35.5 + math.random() * 6, math.random() * 10))
    end
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
