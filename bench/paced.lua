-- report.lua with a pause before each request: wrk -s bench/paced.lua URL -- (what report.lua takes) MILLISECONDS
dofile("bench/report.lua")

local begin = init
local pause

function init(args)
    begin(args)
    pause = tonumber(args[6])
end

function delay()
    return pause
end
