-- wrk's requests: wrk -s report.lua URL -- CASE OFFSET PRINTERS COUNTED SLOT,SLOT,...
-- Each report is of the next of so many printers and of a later time, so that none is a repeat; COUNTED were sent before.
local kind, offset, printers, count, slots

function init(args)
    kind, offset, printers, count, slots = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[4]), {}
    for slot in string.gmatch(args[5], "[^,]+") do slots[#slots + 1] = slot end
end

local function supplies(level)
    local parts = {}
    for place, slot in ipairs(slots) do
        local low = kind == "low" and place == 1
        parts[place] = string.format('{"slot":"%s","level":%d}', slot, low and 10 or level)
    end
    return table.concat(parts, ",")
end

function request()
    count = count + 1
    local printer = offset + count % printers + 1
    local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer ars_device_bench_" .. printer }
    if kind == "floor" then return wrk.format("GET", nil, {}) end
    if kind == "bad_token" then headers["Authorization"] = "Bearer ars_device_nobody_" .. count end
    -- Down by one each time a printer's turn comes, and back before it is low. Of what is low, one supply is.
    local level = 60
    if kind == "changed" or kind == "tutorial" then level = 90 - math.floor(count / printers) % 60 end
    if kind == "refused" then level = 101 end
    local now = kind == "repeated" and "2026-01-01T00:00:00.000000Z"
        or os.date("!%Y-%m-%dT%H:%M:%S", os.time() - 1) .. string.format(".%06dZ", count % 1000000)
    local body = string.format('{"message_id":"m%d","observed_at":"%s","supplies":[%s]}', count, now, supplies(level))
    return wrk.format("POST", nil, headers, body)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\nJSON {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"not_2xx":%d,"broken":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
