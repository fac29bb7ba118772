-- The job of the filter as far as a Lua script can do it, for `cargo xtask fluent-bit PATH --bench`.
--
-- Three functions. `keep_all` and `comply` are what a careful person writes to be quick: what does not change goes
-- back as it came (code 0), names are looked up in a table, patterns are tried only where a name leads to them.
-- `thorough` does what the quick ones leave out and a script can do: it reads JSON in strings, looks at commands and
-- error texts, and says in every record what it did, which the `grep` behind the filter needs to fail closed.
--
-- None of them reads files in ConfigMaps, shell, percent-encoding, escaped names, duplicate keys, or keeps null, empty
-- lists and large numbers as they are, which Lua's tables do not hold.
--
-- Not for production: it lets through most of what the table of docs/leak-surface.md lists.

local MASK = "[REDACTED]"

-- Names of members whose text is a credential.
local SENSITIVE = {
  password = true, passwd = true, secret = true, token = true, apikey = true, api_key = true,
  accesskey = true, access_key = true, secretkey = true, secret_key = true, privatekey = true,
  private_key = true, clientsecret = true, client_secret = true, credentials = true, bearertoken = true,
}

local LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

-- Masks what is in `data` and `stringData` of a Secret, and the copy of it in its annotations.
local function secret(object)
  for _, name in ipairs({ "data", "stringData" }) do
    local values = object[name]
    if type(values) == "table" then
      for key in pairs(values) do
        values[key] = MASK
      end
    end
  end
  local metadata = object.metadata
  local annotations = type(metadata) == "table" and metadata.annotations
  if type(annotations) == "table" and annotations[LAST_APPLIED] then
    annotations[LAST_APPLIED] = MASK
  end
end

local function is_sensitive(name)
  if SENSITIVE[name] then
    return true
  end
  local lower = name:lower()
  return SENSITIVE[lower] or lower:find("password", 1, true) ~= nil
end

-- Walks a body; true if anything was masked.
local function walk(object)
  local changed = false
  if object.kind == "Secret" then
    secret(object)
    changed = true
  end
  -- An environment variable, or a header.
  if type(object.name) == "string" and type(object.value) == "string" and is_sensitive(object.name) then
    object.value = MASK
    changed = true
  end
  for key, value in pairs(object) do
    local kind = type(value)
    if kind == "table" then
      if walk(value) then
        changed = true
      end
    elseif kind == "string" and type(key) == "string" and value ~= MASK and is_sensitive(key) then
      object[key] = MASK
      changed = true
    end
  end
  return changed
end

local function redact(record)
  local changed = false
  local object = record.objectRef
  local resource = type(object) == "table" and object.resource
  for _, name in ipairs({ "requestObject", "responseObject" }) do
    local body = record[name]
    if type(body) == "table" then
      if resource == "secrets" then
        secret(body)
        if type(body.items) == "table" then
          for _, item in ipairs(body.items) do
            secret(item)
          end
        end
        changed = true
      end
      if walk(body) then
        changed = true
      end
    end
  end
  local uri = record.requestURI
  if type(uri) == "string" and uri:find("=", 1, true) then
    local clean, times = uri:gsub("([?&][%w_-]*[tT]oken=)[^&]*", "%1" .. MASK)
    if times > 0 then
      record.requestURI = clean
      changed = true
    end
  end
  return changed
end

-- fluent-bit calls this: every event stays, whole.
function keep_all(tag, timestamp, record)
  if redact(record) then
    return 2, timestamp, record
  end
  return 0, timestamp, record
end

local WRITES = { create = true, update = true, patch = true, delete = true, deletecollection = true }
local WORKLOADS = { [""] = true, apps = true, batch = true, autoscaling = true, policy = true }
local HIDDEN = { secrets = true, configmaps = true, tokenreviews = true }

-- What the compliance policy decides, in the few rules that matter most for a log's size: 0 to drop, 1 for
-- Metadata, 2 for Request, 3 for RequestResponse.
local function level(record)
  local object = type(record.objectRef) == "table" and record.objectRef or nil
  if record.stage == "RequestReceived" then
    return 0
  end
  if not object then
    local uri = record.requestURI or ""
    if uri:find("^/healthz") or uri:find("^/livez") or uri:find("^/readyz") then
      return 0
    end
    return 1
  end
  local group, resource = object.apiGroup or "", object.resource or ""
  local verb = record.verb
  if group == "coordination.k8s.io" and resource == "leases" then
    local user = type(record.user) == "table" and record.user.username or ""
    if user:find("^system:") then
      return 0
    end
  end
  if resource == "events" and (verb == "create" or verb == "update" or verb == "patch") then
    return 0
  end
  if WRITES[verb] and (group == "rbac.authorization.k8s.io" or group == "certificates.k8s.io") then
    return 3
  end
  if HIDDEN[resource] or object.subresource == "token" or object.subresource == "status" then
    return 1
  end
  if WRITES[verb] and WORKLOADS[group] then
    return 2
  end
  return 1
end

-- fluent-bit calls this: the same after a policy.
function comply(tag, timestamp, record)
  local level = level(record)
  if level == 0 then
    return -1, timestamp, record
  end
  local changed = false
  if level < 3 and record.responseObject ~= nil then
    record.responseObject = nil
    changed = true
  end
  if level < 2 and record.requestObject ~= nil then
    record.requestObject = nil
    changed = true
  end
  for _, name in ipairs({ "requestObject", "responseObject" }) do
    local body = record[name]
    if type(body) == "table" and type(body.metadata) == "table" and body.metadata.managedFields then
      body.metadata.managedFields = nil
      changed = true
    end
  end
  if redact(record) or changed then
    return 2, timestamp, record
  end
  return 0, timestamp, record
end

-- JSON in strings: a decoder that knows no more than what servers write, and an encoder for what it made. Lists
-- and objects are told apart by a mark, since Lua's tables are both.

local LIST = {}
local NULL = {}
local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function unescape(text)
  if not text:find("\\", 1, true) then
    return text
  end
  text = text:gsub("\\u(%x%x%x%x)", function(hex)
    local code = tonumber(hex, 16)
    if code < 0x80 then
      return string.char(code)
    elseif code < 0x800 then
      return string.char(0xc0 + math.floor(code / 64), 0x80 + code % 64)
    end
    return string.char(0xe0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end)
  return (text:gsub("\\(.)", function(letter)
    return ESCAPES[letter] or letter
  end))
end

-- The string that begins behind `at`, and the position behind it.
local function string_at(text, at)
  local from = at
  while true do
    local stop = text:find('["\\]', from)
    if not stop then
      error("a string without end")
    end
    if text:byte(stop) == 34 then
      return unescape(text:sub(at, stop - 1)), stop + 1
    end
    from = stop + 2
  end
end

local value_at

local function container_at(text, at, close, is_object)
  local made = is_object and {} or { [LIST] = true }
  at = text:find("%S", at)
  if text:sub(at, at) == close then
    return made, at + 1
  end
  while true do
    local key = #made + 1
    if is_object then
      at = text:find('"', at, true)
      key, at = string_at(text, at + 1)
      at = text:find(":", at, true) + 1
    end
    made[key], at = value_at(text, at)
    at = text:find("[,%]}]", at)
    if text:sub(at, at) == close then
      return made, at + 1
    end
    at = at + 1
  end
end

function value_at(text, at)
  at = text:find("%S", at)
  local first = text:sub(at, at)
  if first == '"' then
    return string_at(text, at + 1)
  elseif first == "{" then
    return container_at(text, at + 1, "}", true)
  elseif first == "[" then
    return container_at(text, at + 1, "]", false)
  end
  local _, stop, word = text:find("^([%w+.-]+)", at)
  if word == "true" then
    return true, stop + 1
  elseif word == "false" then
    return false, stop + 1
  elseif word == "null" then
    return NULL, stop + 1
  end
  return tonumber(word), stop + 1
end

local CONTROL = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function encode(value, out)
  local kind = type(value)
  if value == NULL then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = '"' .. value:gsub('[%c"\\]', function(byte)
      return CONTROL[byte] or string.format("\\u%04x", byte:byte())
    end) .. '"'
  elseif kind ~= "table" then
    out[#out + 1] = tostring(value)
  elseif value[LIST] then
    out[#out + 1] = "["
    for at, item in ipairs(value) do
      out[#out + 1] = at > 1 and "," or ""
      encode(item, out)
    end
    out[#out + 1] = "]"
  else
    local separator = "{"
    for key, item in pairs(value) do
      out[#out + 1] = separator .. '"' .. key .. '":'
      encode(item, out)
      separator = ","
    end
    out[#out + 1] = separator == "{" and "{}" or "}"
  end
end

local deep

-- The text with what is in it redacted, if it is JSON and there was anything.
local function text_of(text)
  local read, inner = pcall(value_at, text, 1)
  if read and type(inner) == "table" and deep(inner) > 0 then
    local out = {}
    encode(inner, out)
    return table.concat(out)
  end
end

local function argument(text)
  return (text:gsub("^(%-%-?[%w_-]*[pP]assword[%w_-]*=).+", "%1" .. MASK)
    :gsub("^(%-%-?[%w_-]*[tT]oken[%w_-]*=).+", "%1" .. MASK))
end

-- As `walk`, and into strings. How much was masked.
function deep(object)
  local found = 0
  if object.kind == "Secret" then
    for _, name in ipairs({ "data", "stringData" }) do
      local values = object[name]
      if type(values) == "table" then
        for key in pairs(values) do
          values[key] = MASK
          found = found + 1
        end
      end
    end
  end
  if type(object.name) == "string" and type(object.value) == "string" and is_sensitive(object.name) then
    object.value = MASK
    found = found + 1
  end
  for key, value in pairs(object) do
    local kind = type(value)
    if key == LIST or value == NULL then
      -- Of the decoder.
    elseif kind == "table" then
      if key == "command" or key == "args" then
        for at, text in ipairs(value) do
          if type(text) == "string" and text:byte() == 45 then
            value[at] = argument(text)
          end
        end
      end
      found = found + deep(value)
    elseif kind == "string" and value ~= MASK then
      local first = value:byte()
      if type(key) == "string" and is_sensitive(key) then
        object[key] = MASK
        found = found + 1
      elseif first == 123 or first == 91 then
        local clean = text_of(value)
        if clean then
          object[key] = clean
          found = found + 1
        end
      end
    end
  end
  return found
end

-- fluent-bit calls this: as `keep_all`, and all that a script can do.
function thorough(tag, timestamp, record)
  redact(record)
  local found = 0
  for _, name in ipairs({ "requestObject", "responseObject", "annotations" }) do
    if type(record[name]) == "table" then
      found = found + deep(record[name])
    end
  end
  local status = record.responseStatus
  if type(status) == "table" and type(status.message) == "string" then
    status.message = status.message:gsub("([tT]oken[ =:]+)%S+", "%1" .. MASK):gsub("([pP]assword[ =:]+)%S+", "%1" .. MASK)
  end
  record.auditveil = { version = "1", redacted = { found = found } }
  return 2, timestamp, record
end
