-- From the Markdown of a report to blocks that Word and PDF have and CommonMark has not.
--
-- "**Table 3.** text" before a table and "**Figure 2.** text" behind a picture become captions; a first paragraph that is
-- all emphasis becomes the subtitle. Raw markup is dropped, and pictures that are no file of ours become their text.

local function labelled(block, word)
  if not block or block.t ~= "Para" then return false end
  local first = block.content[1]
  return first and first.t == "Strong" and pandoc.utils.stringify(first):match("^" .. word .. " %d+%.$") ~= nil
end

local function picture(block)
  if not block then return nil end
  if block.t ~= "Para" or #block.content ~= 1 then return nil end
  local only = block.content[1]
  if only.t == "Image" or (only.t == "RawInline" and only.format == "typst") then return only end
  return nil
end

local function is_own(src)
  return not src:match("^%a[%w+.-]*:") and not src:match("^[/\\]") and not src:match("%.%.")
end

-- the shares of columns that a comment says; typst finds better ones itself where a table is narrow
local function shares(block)
  if not block or block.t ~= "RawBlock" then return nil end
  local kind, text = block.text:match("^<!%-%- (%a+) columns ([%d. ]+) %-%->%s*$")
  if not kind then return nil end
  if kind == "narrow" and FORMAT == "typst" then text = "" end
  local found, total = {}, 0
  for number in text:gmatch("[%d.]+") do
    table.insert(found, tonumber(number))
    total = total + tonumber(number)
  end
  return found, total
end

local function widened(block, found, total)
  if #found == #block.colspecs then
    for at, spec in ipairs(block.colspecs) do block.colspecs[at] = { spec[1], found[at] / total } end
  end
  return block
end

local function quoted(text)
  return '"' .. text:gsub("[%c]", " "):gsub('[\\"]', "\\%0") .. '"'
end

-- words that lead to a picture go to the next page with it, and their heading with them
local function stick(made)
  local before = made[#made]
  if FORMAT ~= "typst" or not before or before.t ~= "Para" then return end
  made[#made] = pandoc.RawBlock("typst", "#block(sticky: true, above: 0.95em)[")
  made:extend({ before, pandoc.RawBlock("typst", "]") })
end

local function joined(blocks)
  local made = pandoc.List()
  local at = 1
  while at <= #blocks do
    local block, following = blocks[at], blocks[at + 1]
    local image = picture(block)
    local found, total = shares(following)
    if labelled(block, "Table") and found and blocks[at + 2] and blocks[at + 2].t == "Table" then
      following = widened(blocks[at + 2], found, total)
      blocks:remove(at + 2)
    end
    if labelled(block, "Table") and following and following.t == "Table" then
      following.caption = { long = { pandoc.Plain(block.content) } }
      made:insert(following)
      at = at + 2
    elseif image and labelled(following, "Figure") then
      stick(made)
      made:insert(pandoc.Figure({ pandoc.Plain({ image }) }, { long = { pandoc.Plain(following.content) } }))
      at = at + 2
    else
      made:insert(block)
      at = at + 1
    end
  end
  return made
end

local function is_cited(list)
  local found = false
  pandoc.walk_block(list, { Span = function(span) found = found or span.identifier:match("^cited%-%d+$") ~= nil end })
  return found
end

local function listed(blocks)
  local made = pandoc.List()
  for _, block in ipairs(blocks) do
    if block.t == "BulletList" and is_cited(block) then
      if FORMAT == "typst" then
        made:extend({ pandoc.RawBlock("typst", "#cited-list["), block, pandoc.RawBlock("typst", "]") })
      else
        made:insert(pandoc.Div({ block }, pandoc.Attr("", {}, { ["custom-style"] = "Cited List" })))
      end
    else
      made:insert(block)
    end
  end
  return made
end

local function inert(element)
  if element.format == "typst" and FORMAT == "typst" then return nil end
  return {}
end

return {
  {
    Image = function(image)
      if not is_own(image.src) then return image.caption end
      local alt = pandoc.utils.stringify(image.caption)
      image.attributes.alt = alt
      if FORMAT ~= "typst" then return image end
      -- its writer leaves out what a picture shows
      return pandoc.RawInline("typst", "#image(" .. quoted(image.src) .. ", alt: " .. quoted(alt) .. ")")
    end,
  },
  { Blocks = joined },
  { RawInline = inert, RawBlock = inert }, -- of Markdown: what this filter made is typst
  { Blocks = listed },
  {
    Pandoc = function(document)
      local first = document.blocks[1]
      if first and first.t == "Para" and #first.content == 1 and first.content[1].t == "Emph" then
        document.meta.subtitle = pandoc.MetaInlines(first.content[1].content)
        document.blocks:remove(1)
      end
      return document
    end,
  },
}
