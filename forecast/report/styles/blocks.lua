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
  if block.t == "Para" and #block.content == 1 and block.content[1].t == "Image" then return block.content[1] end
  return nil
end

local function is_own(src)
  return not src:match("^%a[%w+.-]*:") and not src:match("^[/\\]") and not src:match("%.%.")
end

local function joined(blocks)
  local made = pandoc.List()
  local at = 1
  while at <= #blocks do
    local block, following = blocks[at], blocks[at + 1]
    local image = picture(block)
    if labelled(block, "Table") and following and following.t == "Table" then
      following.caption = { long = { pandoc.Plain(block.content) } }
      made:insert(following)
      at = at + 2
    elseif image and labelled(following, "Figure") then
      made:insert(pandoc.Figure({ pandoc.Plain({ image }) }, { long = { pandoc.Plain(following.content) } }))
      at = at + 2
    else
      made:insert(block)
      at = at + 1
    end
  end
  return made
end

local function inert(element)
  return {}
end

return {
  {
    RawInline = inert,
    RawBlock = inert,
    Image = function(image)
      if not is_own(image.src) then return image.caption end
      image.attributes.alt = pandoc.utils.stringify(image.caption)
      return image
    end,
  },
  { Blocks = joined },
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
