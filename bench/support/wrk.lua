-- Sends the requests of a file in turn, each a method, a path and perhaps a body, and prints what was answered as JSON.
-- In all of them {number} is a number that no other request has, and {parent} one of the first 10,000, in eight digits, as
-- many as their names have characters: the length of a body is known before.
local requests, at, number = {}, 0, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
    local headers = body ~= "" and { ["Content-Type"] = "application/json" } or nil
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  number = tonumber(args[2])
end

local numbers = {}

-- As scattered() in generator.js.
local function scattered(n)
  return string.format("%08x", n * 2654435761 % 4294967296)
end

function request()
  at = at % #requests + 1
  if number == 0 then return requests[at] end
  number = number + 1
  numbers["{number}"] = scattered(number)
  numbers["{parent}"] = scattered(number % 10000)
  return (requests[at]:gsub("{%l+}", numbers))
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    '\n{"answers":%d,"microseconds":%d,"refused":%d,"failed":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
